import { expect, test } from 'vitest';
import { sentinelStyle } from './sentinel-style.ts';

const manifest = {
  runtimes: {
    nodejs: [{ kind: 'nodejs:20', image: { name: 'node' } }],
    quiet: [{ kind: 'quiet:1', image: { name: 'quiet' }, sentinelledLogs: false }],
  },
  blackboxes: [{ prefix: 'openwhisk', name: 'native' }],
};

test.each([
  ['nodejs:20', undefined, 'token', 'plain'],
  ['quiet:1', undefined, 'none', 'none'],
  ['blackbox', 'openwhisk/dockerskeleton', 'token', 'plain'],
  ['blackbox', 'registry.example/openwhisk/dockerskeleton:nightly', 'token', 'plain'],
  ['blackbox', 'openwhisk/native:1', 'token', 'plain'],
  ['blackbox', 'example/image', 'none', 'none'],
] as const)(
  '%s of image %s ends its logs by %s, in foreign containers by %s',
  (kind, image, ours, foreign) => {
    const container = { kind, ...(image !== undefined && { image }) };
    expect(sentinelStyle(container, manifest, false)).toBe(ours);
    expect(sentinelStyle(container, manifest, true)).toBe(foreign);
  },
);
