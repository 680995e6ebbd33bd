import Type from 'typebox';

import { flag, text } from './building-blocks.ts';

export const infoSchemas = {
  NamespaceName: text('Name of a namespace'),
  ServerInfo: Type.Object({
    description: text('What it is'),
    support: Type.Object({}, { description: 'Where to ask' }),
    api_paths: Type.Array(Type.String(), { description: 'Where its APIs begin' }),
    limits: Type.Object({}, { description: 'Limits in milliseconds, bytes and counts' }),
    runtimes: Type.Object(
      {},
      {
        description: 'Runtimes by family',
        additionalProperties: Type.Array(
          Type.Object({
            kind: text('What an action names'),
            image: text('Image that runs it'),
            deprecated: flag('Whether it is no longer run'),
            default: flag('Whether `family:default` means it'),
            attached: flag('Whether code is kept apart from the entity'),
            requireMain: flag('Whether an action has to name its function'),
          }),
        ),
      },
    ),
  }),
  ApiInfo: Type.Object({
    description: text('What it is'),
    api_version: text('Version of the API'),
    api_version_path: text('Its segment in paths'),
    build: text('When or from what the server was built'),
    buildno: text('Number of the build'),
    swagger_paths: Type.Object({}, { description: 'Where its documents lie' }),
  }),
};
