import type { ActivationRecord } from '@vibrissa/protocol';
import { aRecord } from '@vibrissa/testkit';
import { describe, expect, it } from 'vitest';
import { ActionMetrics } from './action-metrics.ts';

const labels = 'namespace="owner",initiator="guest",action="pkg/hello"';

function open(options: Partial<Parameters<typeof ActionMetrics.open>[0]> = {}): ActionMetrics {
  return ActionMetrics.open({ payloadMaxBytes: 1000, ...options });
}

function ended(over: Partial<ActivationRecord> = {}): ActivationRecord {
  const response = { statusCode: 0, resultJson: '{}', size: 2 } as const;
  return aRecord({ path: 'owner/pkg/hello', name: 'hello', duration: 20, waitTime: 3, response, ...over });
}

function responding(resultJson: string): Partial<ActivationRecord> {
  return { response: { statusCode: 0, resultJson } };
}

describe('metrics of actions', () => {
  it('say nothing before anything has run', () => {
    expect(open().text()).toBe('');
  });

  it('have the names and labels of OpenWhisk’s user events service', () => {
    const metrics = open();
    const limits = { timeout: 60_000, memory: 256, logs: 10, concurrency: 1 };
    metrics.ended(ended({ initTime: 40, limits }));
    metrics.ended(ended({ limits }));
    const lines = metrics.text().split('\n');
    expect(lines).toContain('# TYPE openwhisk_action_activations_total counter');
    for (const line of [
      `openwhisk_action_activations_total{${labels},kind="nodejs:20",memory="256"} 2`,
      `openwhisk_action_coldStarts_total{${labels}} 1`,
      `openwhisk_action_waitTime_seconds_bucket{${labels},le="0.005"} 2`,
      `openwhisk_action_waitTime_seconds_count{${labels}} 2`,
      `openwhisk_action_initTime_seconds_bucket{${labels},le="0.025"} 0`,
      `openwhisk_action_initTime_seconds_bucket{${labels},le="0.05"} 1`,
      `openwhisk_action_initTime_seconds_count{${labels}} 1`,
      `openwhisk_action_duration_seconds_bucket{${labels},le="+Inf"} 2`,
      `openwhisk_action_duration_seconds_sum{${labels}} 0.04`,
      `openwhisk_action_response_size_bytes_bucket{${labels},le="100"} 2`,
      `openwhisk_action_status{${labels},status="success"} 2`,
      `openwhisk_action_status{${labels},status="application_error"} 0`,
      `openwhisk_action_memory{${labels}} 256`,
    ]) {
      expect(lines).toContain(line);
    }
  });

  it.each([
    ['{"statusCode":404}', '404'],
    ['{"statusCode": "503" , "body":""}', '503'],
    ['{"error":{"statusCode":418},"statusCode":200}', '418'],
    ['{"statusCode":"soon"}', '400'],
    ['{"statusCode":{}}', '400'],
  ])('tell %s apart by its own status', (resultJson, code) => {
    const metrics = open();
    metrics.ended(ended(responding(resultJson)));
    expect(metrics.text()).toContain(`openwhisk_action_status_code{${labels},status_code="${code}"} 1\n`);
  });

  it.each(['{"body":{"statusCode":1}}', '["statusCode"]', `{"statusCode":200,"x":"${'x'.repeat(70_000)}"}`])(
    'see no status in %#',
    (resultJson) => {
      const metrics = open();
      metrics.ended(ended(responding(resultJson)));
      expect(metrics.text()).not.toContain('openwhisk_action_status_code');
    },
  );

  it('stay bounded, whatever names and statuses users think of', () => {
    const metrics = open({ maxActions: 3 });
    for (let at = 0; at < 10; at++) metrics.ended(ended({ path: `owner/a${at}` }));
    expect(metrics.text().match(/action_memory{/g)).toHaveLength(3);
    expect(metrics.text()).toContain('action="a9"');
    for (let at = 0; at < 500; at++) metrics.ended(ended(responding(`{"statusCode":${at}}`)));
    expect(metrics.text().match(/status_code="/g)).toHaveLength(100);
  });

  it('keep a name with quotes in its place', () => {
    const metrics = open();
    metrics.ended(ended({ path: 'owner/a"} 9\n\\' }));
    expect(metrics.text()).toContain('action="a\\"} 9\\n\\\\"');
  });

  it('leave out triggers, and namespaces that shall not be counted', () => {
    const metrics = open({ ignoredNamespaces: ['guest'] });
    metrics.ended(ended());
    metrics.limited('guest', 'timed');
    const { kind: _kind, ...trigger } = ended({ namespace: 'other' });
    metrics.ended(trigger);
    expect(metrics.text()).toBe('');
  });

  it('count requests that a limit refused', () => {
    const metrics = open();
    metrics.limited('guest', 'timed');
    metrics.limited('guest', 'timed');
    metrics.limited('guest', 'concurrent');
    expect(metrics.text()).toContain('openwhisk_action_limit_timed_total{namespace="guest"} 2\n');
    expect(metrics.text()).toContain('openwhisk_action_limit_concurrent_total{namespace="guest"} 1\n');
  });
});
