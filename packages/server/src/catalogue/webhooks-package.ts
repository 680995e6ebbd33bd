import { BUILT_IN, type CataloguePackage } from './catalogue-definition.ts';

/** `/whisk.system/webhooks`: a feed that fires a trigger when somebody posts to its address. */
export const webhooksPackage: CataloguePackage = {
  name: 'webhooks',
  description: 'Addresses that turn requests into events',
  actions: [
    {
      name: 'webhook',
      description: 'Fire trigger when a request comes in at an address of its own',
      isFeed: true,
      code: BUILT_IN,
      documented: [
        {
          name: 'secret',
          required: false,
          type: 'string',
          description: 'Requests must be signed with it; without, whoever knows the address may send',
        },
        {
          name: 'signature',
          required: false,
          type: 'string',
          description: 'github (X-Hub-Signature-256), timestamped (Standard Webhooks), or any of them',
        },
        {
          name: 'replayWindow',
          required: false,
          type: 'integer',
          description: 'Seconds by which a time stamp may be off; 300',
        },
        {
          name: 'headers',
          required: false,
          type: 'array',
          description: 'Request headers that the trigger gets, as __ow_headers',
        },
        {
          name: 'perMinute',
          required: false,
          type: 'integer',
          description: 'Requests that it takes in a minute; 600',
        },
      ],
      sampleInput: { secret: 'a long secret', headers: ['x-github-event'] },
      sampleOutput: { status: 'success', url: 'http://127.0.0.1:3233/api/v1/hooks/…' },
    },
  ],
};
