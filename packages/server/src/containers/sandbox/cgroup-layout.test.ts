import { describe, expect, it } from 'vitest';
import { cgroupLayout, v2Candidates } from './cgroup-layout.ts';

const line = (point: string, type: string, options: string, root = '/') =>
  `30 25 0:26 ${root} ${point} rw,nosuid shared:9 - ${type} ${type} rw,${options}`;

describe('the layout of cgroups', () => {
  it('is v1 where controllers are mounted one by one, with several in one mount', () => {
    const layout = cgroupLayout(
      [
        line('/sys/fs/cgroup/memory', 'cgroup', 'memory'),
        line('/sys/fs/cgroup/cpu,cpuacct', 'cgroup', 'cpu,cpuacct'),
        line('/sys/fs/cgroup/systemd', 'cgroup', 'name=systemd'),
      ].join('\n'),
      '4:memory:/x\n',
    );
    expect(layout).toEqual({
      version: 'v1',
      controllers: new Map([
        ['memory', '/sys/fs/cgroup/memory'],
        ['cpu', '/sys/fs/cgroup/cpu,cpuacct'],
      ]),
    });
  });

  it('is v1 with a cgroup2 beside it on a hybrid machine', () => {
    const layout = cgroupLayout(
      [
        line('/sys/fs/cgroup/pids', 'cgroup', 'pids'),
        line('/sys/fs/cgroup/unified', 'cgroup2', 'nsdelegate'),
      ].join('\n'),
      '0::/\n',
    );
    expect(layout).toMatchObject({ version: 'v1', unified: '/sys/fs/cgroup/unified' });
  });

  it('is v2 with our own group where only cgroup2 is mounted', () => {
    const own = '/user.slice/user-1000.slice/user@1000.service/app.slice/run-1.scope';
    expect(cgroupLayout(line('/sys/fs/cgroup', 'cgroup2', 'nsdelegate'), `0::${own}\n`)).toEqual({
      version: 'v2',
      mount: '/sys/fs/cgroup',
      own: `/sys/fs/cgroup${own}`,
    });
  });

  it('takes the mount itself as our own group when the namespace hides what is above', () => {
    expect(cgroupLayout(line('/sys/fs/cgroup', 'cgroup2', ''), '0::/../..\n')).toMatchObject({
      own: '/sys/fs/cgroup',
    });
    expect(cgroupLayout(line('/sys/fs/cgroup', 'cgroup2', '', '/docker/1'), '0::/docker/1\n')).toMatchObject({
      own: '/sys/fs/cgroup',
    });
  });

  it('is none where no cgroup is mounted, and reads paths with spaces', () => {
    expect(cgroupLayout('22 1 8:1 / / rw - ext4 /dev/sda rw', '')).toEqual({ version: 'none' });
    expect(cgroupLayout(line('/mnt/c\\040g', 'cgroup2', ''), '0::/\n')).toMatchObject({ mount: '/mnt/c g' });
  });

  it('offers our own group first and the root last as homes', () => {
    expect(v2Candidates('/c', '/c/a/b')).toEqual(['/c/a/b', '/c/a', '/c']);
    expect(v2Candidates('/c', '/c')).toEqual(['/c']);
  });
});
