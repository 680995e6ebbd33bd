import { describe, expect, it } from 'vitest';

import type { Json } from './app-spec.ts';
import type { Instance } from './instance.ts';
import { readApp } from './read-app.ts';
import { taskInfo } from './task-info.ts';

function infoOf(definition: Json, ports: readonly number[]) {
  const read = readApp({ id: '/group/web', ...definition }, { next: () => 0 });
  if (read.kind === 'refused') throw new Error(JSON.stringify(read.problems));
  const instance: Instance = {
    taskId: 'task-1',
    instanceId: 'instance-1',
    app: read.app,
    version: '2026-01-01T00:00:00.000Z',
    host: '10.1.0.1',
    agentId: 'agent-1',
    region: undefined,
    zone: undefined,
    attributes: new Map(),
    ports,
    health: [],
    stagedAt: '2026-01-01T00:00:00.000Z',
    stagedMs: 0,
    state: 'TASK_STAGING',
    ipAddresses: [],
  };
  const info = taskInfo(instance);
  const variables = info.command?.environment?.variables.map(({ name, value }) => [name, value]) ?? [];
  return { ...info, env: Object.fromEntries(variables) as Record<string, string> };
}

describe('what Mesos is told to launch', () => {
  it('has the environment that Marathon promises, in which the app has the last word', () => {
    const { env, name, labels } = infoOf(
      {
        cmd: 'exec server',
        cpus: 0.5,
        mem: 64,
        labels: { 'tier-1': 'front' },
        env: { FRUIT: 'plum', HOST: 'mine', SECRET: { secret: 's' } },
        portDefinitions: [{ port: 0, name: 'http-api' }, { port: 9000 }],
      },
      [31_001, 31_002],
    );
    expect(env).toEqual({
      HOST: 'mine',
      FRUIT: 'plum',
      MESOS_TASK_ID: 'task-1',
      MARATHON_APP_ID: '/group/web',
      MARATHON_APP_VERSION: '2026-01-01T00:00:00.000Z',
      MARATHON_APP_LABELS: 'TIER_1',
      MARATHON_APP_LABEL_TIER_1: 'front',
      MARATHON_APP_RESOURCE_CPUS: '0.5',
      MARATHON_APP_RESOURCE_MEM: '64.0',
      MARATHON_APP_RESOURCE_DISK: '0.0',
      MARATHON_APP_RESOURCE_GPUS: '0',
      PORT: '31001',
      PORT0: '31001',
      PORT1: '31002',
      PORTS: '31001,31002',
      PORT_HTTP_API: '31001',
    });
    expect(name).toBe('web.group');
    expect(labels).toEqual({ labels: [{ key: 'tier-1', value: 'front' }] });
  });

  it('has no ports where a definition wants none', () => {
    const { env, resources } = infoOf({ cmd: 'true', portDefinitions: [] }, []);
    expect(Object.keys(env).filter((name) => name.startsWith('PORT'))).toEqual([]);
    expect(resources.map(({ name }) => name)).toEqual(['cpus', 'mem']);
  });

  it('maps ports of a bridge, and asks for health inside of the container', () => {
    const {
      container,
      env,
      health_check: check,
    } = infoOf(
      {
        container: {
          type: 'DOCKER',
          docker: { image: 'nginx' },
          portMappings: [{ containerPort: 80, name: 'web' }],
          volumes: [
            { hostPath: '/srv', containerPath: '/data', mode: 'RO' },
            { containerPath: 'x', persistent: {} },
          ],
        },
        networks: [{ mode: 'container/bridge' }],
        healthChecks: [{ protocol: 'MESOS_HTTP', path: '/ping', delaySeconds: 0 }],
      },
      [31_001],
    );
    expect(container).toEqual({
      type: 'DOCKER',
      docker: {
        image: 'nginx',
        network: 'BRIDGE',
        port_mappings: [{ host_port: 31_001, container_port: 80, protocol: 'tcp' }],
      },
      volumes: [{ host_path: '/srv', container_path: '/data', mode: 'RO' }],
    });
    expect(env).toMatchObject({ PORT0: '31001', PORT_80: '31001', MARATHON_APP_DOCKER_IMAGE: 'nginx' });
    expect(check).toMatchObject({ type: 'HTTP', http: { port: 80, path: '/ping' }, delay_seconds: 0 });
  });

  it('of a network of its own has the container’s port, and none of the host', () => {
    const { env, resources } = infoOf(
      {
        cmd: 'exec server',
        container: { type: 'MESOS', docker: { image: 'alpine' }, portMappings: [{ containerPort: 8080 }] },
        networks: [{ mode: 'container', name: 'overlay' }],
      },
      [],
    );
    expect(env).toMatchObject({ PORT: '8080', PORT0: '8080' });
    expect(resources.map(({ name }) => name)).not.toContain('ports');
  });

  it('has files to fetch, a user, a grace period and arguments', () => {
    const info = infoOf(
      {
        args: ['/bin/echo', 'hi'],
        user: 'nobody',
        taskKillGracePeriodSeconds: 30,
        fetch: [{ uri: 'http://127.0.0.1/a.tgz', cache: true }],
      },
      [31_001],
    );
    expect(info.command).toMatchObject({
      shell: false,
      value: '/bin/echo',
      arguments: ['/bin/echo', 'hi'],
      user: 'nobody',
      uris: [{ value: 'http://127.0.0.1/a.tgz', extract: true, executable: false, cache: true }],
    });
    expect(info.kill_policy).toEqual({ grace_period: { nanoseconds: 30e9 } });
  });
});
