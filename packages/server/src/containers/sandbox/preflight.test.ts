import { describe, expect, it } from 'vitest';
import { missingNetworkParts, networkTools, preflight } from './preflight.ts';
import type { MachineProbes } from './probe-machine.ts';

const complete: MachineProbes = {
  platform: 'linux',
  architecture: 'x64',
  root: false,
  bwrap: { path: '/usr/bin/bwrap', version: [0, 8, 0] },
  appArmorRestrictsUserNamespaces: false,
  userNamespacesOff: false,
  slirp4netns: '/usr/bin/slirp4netns',
  nft: '/usr/sbin/nft',
  nsenter: '/usr/bin/nsenter',
  interpreter: '/usr/bin/perl',
  tun: 'all',
};

const report = (
  machine: Partial<MachineProbes>,
  missing: readonly ('memory' | 'cpu' | 'pids' | 'freezer')[] = [],
) =>
  preflight({
    machine: { ...complete, ...machine },
    plain: false,
    missingProtections: missing,
    cgroupProblems: missing.map((name) => `${name}: EACCES`),
    kinds: ['nodejs:20'],
  });

const without = (key: keyof MachineProbes): MachineProbes => {
  const { [key]: _, ...rest } = complete;
  return rest as MachineProbes;
};

describe('the preflight checks', () => {
  it('find nothing to say on a machine that has everything', () => {
    const { isolation, findings } = report({});
    expect(isolation).toBe('full');
    expect(findings.filter(({ status }) => status !== 'ok')).toEqual([]);
  });

  it('say loudly that nothing isolates actions without bubblewrap, and how to install it', () => {
    const { isolation, findings } = preflight({
      machine: without('bwrap'),
      plain: false,
      missingProtections: [],
      cgroupProblems: [],
      kinds: ['nodejs:20'],
    });
    expect(isolation).toBe('none');
    expect(findings[0]).toMatchObject({
      status: 'failure',
      mend: expect.stringContaining('apt-get install bubblewrap'),
    });
    expect(findings[0]?.message).toContain('plain processes');
  });

  it('report no isolation where the settings ask for none, whatever the machine has', () => {
    const { isolation, findings } = preflight({
      machine: complete,
      plain: true,
      missingProtections: [],
      cgroupProblems: [],
      kinds: ['nodejs:20'],
    });
    expect(isolation).toBe('none');
    expect(findings[0]).toMatchObject({ status: 'failure', mend: 'leave containers.factory out' });
  });

  it('name the switch of recent Ubuntus that forbids user namespaces', () => {
    const { isolation, findings } = report({
      trialError: 'Permission denied',
      appArmorRestrictsUserNamespaces: true,
    });
    expect(isolation).toBe('none');
    expect(findings[0]?.mend).toContain('kernel.apparmor_restrict_unprivileged_userns=0');
  });

  it('name the limits that are missing, what follows, and how a user gets them delegated', () => {
    const { isolation, findings } = report({}, ['memory', 'pids']);
    expect(isolation).toBe('partial');
    const limits = findings.find(({ subject }) => subject === 'limits');
    expect(limits?.message).toContain('fork without end');
    expect(limits?.mend).toContain('systemd-run --user --scope -p Delegate=yes');
  });

  it('count an unknown architecture or an old bubblewrap as partial', () => {
    expect(report({ architecture: 'riscv64' }).isolation).toBe('partial');
    expect(report({ bwrap: { path: '/usr/bin/bwrap', version: [0, 6, 1] } }).isolation).toBe('partial');
    expect(report({ bwrap: { path: '/usr/bin/bwrap', version: [0, 11, 0] } }).isolation).toBe('full');
  });

  it('warn without the network path, which weakens nothing', () => {
    const { isolation, findings } = preflight({
      machine: without('slirp4netns'),
      plain: false,
      missingProtections: [],
      cgroupProblems: [],
      kinds: ['nodejs:20'],
    });
    expect(isolation).toBe('full');
    expect(findings.find(({ status }) => status === 'warn')?.mend).toContain(
      'apt-get install slirp4netns nftables',
    );
    expect(networkTools(without('slirp4netns'))).toBeUndefined();
  });

  it('know who may open the tun device', () => {
    expect(missingNetworkParts({ ...complete, tun: 'root' })).toEqual(['/dev/net/tun']);
    expect(missingNetworkParts({ ...complete, tun: 'root', root: true })).toEqual([]);
    expect(networkTools({ ...complete, tun: 'root', root: true })).toMatchObject({ tunForAll: false });
  });

  it('fail when no runtime was found', () => {
    const { findings } = preflight({
      machine: complete,
      plain: false,
      missingProtections: [],
      cgroupProblems: [],
      kinds: [],
    });
    expect(findings.at(-1)).toMatchObject({ status: 'failure', subject: 'runtimes' });
  });
});
