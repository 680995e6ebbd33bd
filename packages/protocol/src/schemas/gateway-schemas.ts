import Type from 'typebox';

import { closed, text, time } from './building-blocks.ts';

const keyMembers = {
  id: text('Id of the key; not secret'),
  basepath: text('Base path of the API that it opens'),
  name: text('Whom it was given to'),
  created: time('When it was made, in epoch milliseconds'),
};

/** Keys that callers of users' APIs show. */
export const gatewaySchemas = {
  ApiKey: closed(keyMembers),
  ApiKeyWithSecret: closed({ ...keyMembers, key: text('What callers show; never shown again') }),
  ApiKeyId: closed({ id: text('Id of the key') }),
  ApiKeyPost: Type.Object({
    basepath: text('Base path, or name, of the API that it opens'),
    name: text('Whom it is for; a name like those of entities'),
  }),
};
