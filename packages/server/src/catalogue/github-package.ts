import type { CataloguePackage, DocumentedParameter } from './catalogue-definition.ts';
import { githubWebhookCode } from './github-webhook-code.ts';

const bound: readonly DocumentedParameter[] = [
  { name: 'username', required: false, type: 'string', description: 'Your GitHub username' },
  { name: 'repository', required: true, type: 'string', description: 'The repository: NAME or OWNER/NAME' },
  {
    name: 'accessToken',
    required: true,
    type: 'string',
    description: 'A token of GitHub that may manage the webhooks of the repository',
  },
  {
    name: 'endpoint',
    required: false,
    type: 'string',
    description: 'Where GitHub reaches this platform, if not at its own address',
  },
  {
    name: 'apiUrl',
    required: false,
    type: 'string',
    description: 'The API of a GitHub of your own; https://api.github.com',
  },
];

/** `/whisk.system/github`: a feed that fires a trigger when something happens in a repository. */
export const githubPackage: CataloguePackage = {
  name: 'github',
  description: 'Package which contains actions and feeds to interact with GitHub',
  documented: bound,
  actions: [
    {
      name: 'webhook',
      description: 'Creates a webhook on GitHub to be notified on selected changes; needs the internet',
      isFeed: true,
      annotations: [{ key: 'internet', value: true }],
      documented: [
        ...bound,
        {
          name: 'events',
          required: true,
          description: 'A comma-separated list of events of GitHub, or an array of them',
        },
      ],
      sampleInput: {
        username: 'myUserName',
        repository: 'myRepository or myOrganization/myRepository',
        accessToken: '123ABCXYZ',
        events: 'push,delete,pull_request',
      },
      code: githubWebhookCode,
    },
  ],
};
