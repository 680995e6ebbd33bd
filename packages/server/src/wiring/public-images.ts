import type { RuntimeDescription, RuntimesManifest } from '@vibrissa/protocol';

function runtime(kind: string, image: string, more: Partial<RuntimeDescription> = {}): RuntimeDescription {
  return {
    kind,
    default: true,
    deprecated: false,
    requireMain: false,
    sentinelledLogs: true,
    image: { prefix: 'openwhisk', name: image, tag: 'nightly' },
    attached: { attachmentName: 'codefile', attachmentType: 'text/plain' },
    ...more,
  };
}

/** OpenWhisk's public images, where containers are images and the operator names none. */
export function publicImages(): RuntimesManifest {
  const reactive = { minCount: 1, maxCount: 4, ttl: '2 minutes', threshold: 1, increment: 1 };
  return {
    runtimes: {
      nodejs: [
        runtime('nodejs:20', 'action-nodejs-v20', {
          stemCells: [{ initialCount: 2, memory: '256 MB', reactive }],
        }),
      ],
      python: [runtime('python:3.11', 'action-python-v3.11')],
    },
    blackboxes: [{ prefix: 'openwhisk', name: 'dockerskeleton' }],
  };
}
