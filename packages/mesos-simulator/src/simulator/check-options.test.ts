import { describe, expect, it } from 'vitest';
import { checkOptions, InvalidOption } from './check-options.ts';
import type { SimulatorOptions } from './simulator-options.ts';

describe('options of a simulator', () => {
  it.each([
    [{ agent: 3 }, 'agent is no option: did you mean agents?'],
    [{ offerTimeout: 3 }, 'offerTimeout is no option: did you mean offerTimeoutMs?'],
    [{ nonsense: 3 }, 'nonsense is no option: there are agents, masters,'],
    [{ toString: 3 }, 'toString is no option'],
    [{ agents: -1 }, 'agents is -1: give how many agents, 0 to 1000, as a number, or a list of agents.'],
    [{ agents: '3' }, 'agents is "3": give how many agents'],
    [{ agents: 1.5 }, 'agents is 1.5: give how many agents'],
    [{ agents: [{ resource: 'cpus:1' }] }, 'agents[0].resource is no option: did you mean resources?'],
    [{ agents: [{}, 3] }, 'agents[1] is 3: give an object, as { resources: "cpus:8" }.'],
    [
      { agents: [{ resources: 8 }] },
      'agents[0].resources is 8: give a text as "cpus:8;mem:16384", or a list',
    ],
    [
      { agents: [{ resources: [{ name: 'cpus', type: 'SCALAR', scalar: 'x' }] }] },
      'agents[0].resources[0].scalar is "x": give { value } of 0 or more.',
    ],
    [
      {
        agents: [
          { resources: [{ name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 5, end: 4 }] } }] },
        ],
      },
      'agents[0].resources[0].ranges.range[0].end is 4: give a whole number, not below begin.',
    ],
    [
      { agents: [{ attributes: [{ name: 'rack', type: 'TXT' }] }] },
      'agents[0].attributes[0].type is "TXT": give',
    ],
    [{ masters: 0 }, 'masters is 0: give how many masters'],
    [{ registry: 'x' }, 'registry is "x": give "in_memory" or "replicated_log".'],
    [
      { credentials: ['app:secret'] },
      'credentials is a list: give secrets by principal, as { app: "secret" }.',
    ],
    [{ credentials: 'app:secret' }, 'credentials is "app:secret": give secrets by principal'],
    [{ credentials: { app: 5 } }, 'credentials.app is 5: give a secret.'],
    [{ port: 70_000 }, 'port is 70000: give a port, 0 to 65535.'],
    [{ marathon: 8080 }, 'marathon is 8080: give true, false, or an object, as { port: 8080 }.'],
    [{ marathon: { prt: 8080 } }, 'marathon.prt is no option: did you mean port?'],
    [{ marathon: { credentials: { ops: 5 } } }, 'marathon.credentials.ops is 5: give a password.'],
    [{ weights: { web: 0 } }, 'weights.web is 0: give a number above 0.'],
    [{ roles: 'web' }, 'roles is "web": give a list of roles.'],
    [{ clock: {} }, 'clock is an object: give an object with now(), monotonicMs(), after().'],
    [{ offerTimeoutMs: Number.NaN }, 'offerTimeoutMs is NaN: give milliseconds, more than 0.'],
    [3, 'What open() takes is 3: give an object, as { agents: 3 }.'],
    [null, 'What open() takes is null: give an object, as { agents: 3 }.'],
  ])('%j are refused by a sentence', (given, message) => {
    const check = () => checkOptions(given as SimulatorOptions);
    expect(check).toThrow(InvalidOption);
    expect(check).toThrow(message);
  });

  it('may be left out, or undefined, or what travels on the wire', () => {
    const resources = [
      { name: 'cpus', type: 'SCALAR', scalar: { value: 2 }, role: 'web' },
      { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 1, end: 2 }] } },
      { name: 'disks', type: 'SET', set: { item: ['a'] } },
    ] as const;
    const attributes = [{ name: 'rack', type: 'TEXT', text: { value: 'r1' } }] as const;
    const agents = [{ resources, attributes, port: 0, zone: 'z1' }, {}];
    const given = {
      agents,
      cluster: undefined,
      credentials: { app: 'secret' },
      version: '1.9.0',
      electionMs: 0,
    };
    expect(checkOptions(given as unknown as SimulatorOptions)).toBeUndefined();
  });
});
