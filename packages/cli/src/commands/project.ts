import type { CommandDescription, OptionDescription } from '../command/description.ts';
import { manifestValues } from './manifest-options.ts';

const where: readonly OptionDescription[] = [
  { long: 'config', value: 'FILE', summary: 'take host and key from this properties file', file: true },
  {
    long: 'manifest',
    value: 'FILE',
    summary: 'the manifest; otherwise manifest.yaml of the project',
    file: true,
  },
  {
    long: 'namespace',
    short: 'n',
    value: 'NAMESPACE',
    summary: 'refuse to work in another namespace than this one',
  },
  { long: 'project', value: 'FOLDER', summary: 'the folder of the project', default: '.', file: true },
  { long: 'projectname', value: 'NAME', summary: 'name of the project, whose entities are marked with it' },
];

const reading: readonly OptionDescription[] = [
  ...manifestValues,
  { long: 'preview', summary: 'show what would change, and change nothing' },
  { long: 'strict', summary: 'take warnings for errors' },
];

const noArguments = { usage: '', min: 0, max: 0, hint: 'No arguments are required.' };

const deploy: CommandDescription = {
  name: 'deploy',
  summary: 'create and update what a manifest names',
  details: ['Only what differs is changed, so that it can be run as often as one likes. Nothing is deleted.'],
  examples: [
    { command: 'wsk project deploy --preview', says: 'what would change' },
    {
      command: 'wsk project deploy --param PLACE Rome',
      says: 'with a value for $PLACE and for the input PLACE',
    },
  ],
  arguments: noArguments,
  options: [...where, ...reading],
  load: async () => (await import('./project-deploy.ts')).deployProject,
};

const sync: CommandDescription = {
  name: 'sync',
  summary: 'deploy, and delete what the project no longer has',
  details: [
    'The project needs a name. Entities carry it in the annotation whisk-managed; those of the same project that the manifest no longer has are deleted, others stay untouched.',
  ],
  examples: [
    {
      command: 'wsk project sync --projectname shop --preview',
      says: 'what would change, and what would go',
    },
  ],
  arguments: noArguments,
  options: [...where, ...reading],
  load: async () => (await import('./project-deploy.ts')).syncProject,
};

const undeploy: CommandDescription = {
  name: 'undeploy',
  summary: 'delete what a manifest names, or everything that a project deployed',
  details: ['With --projectname, what carries the name of the project is deleted, with no manifest at hand.'],
  examples: [
    { command: 'wsk project undeploy --preview', says: 'what would be deleted' },
    { command: 'wsk project undeploy --projectname shop', says: 'everything of a project' },
  ],
  arguments: noArguments,
  options: [...where, ...reading],
  load: async () => (await import('./project-undeploy.ts')).undeployProject,
};

const exportCommand: CommandDescription = {
  name: 'export',
  summary: 'write a manifest and the code of what is deployed',
  details: [
    'With --projectname the entities of this project, otherwise all of the namespace. The manifest is written to --manifest, or to manifest.yaml in --project; a file that is there already is not overwritten.',
  ],
  examples: [
    { command: 'wsk project export --projectname shop --project shop', says: 'into the folder shop' },
  ],
  arguments: noArguments,
  options: where,
  load: async () => (await import('./project-export.ts')).exportProject,
};

export const projectCommand: CommandDescription = {
  name: 'project',
  summary: 'work with projects: everything that a manifest names',
  commands: [deploy, undeploy, sync, exportCommand],
};
