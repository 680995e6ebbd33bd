/** How this machine has its cgroups, read from `/proc/self/mountinfo` and `/proc/self/cgroup`. Pure. */
export type CgroupLayout =
  | {
      readonly version: 'v1';
      /** Mount point by controller. */
      readonly controllers: ReadonlyMap<string, string>;
      /** The cgroup2 beside it, if any (hybrid). */
      readonly unified?: string;
    }
  | { readonly version: 'v2'; readonly mount: string; readonly own: string }
  | { readonly version: 'none' };

interface CgroupMount {
  readonly root: string;
  readonly point: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** `36 35 98:0 /root /point rw,… shared:1 - cgroup cgroup rw,memory` (proc(5)). */
function parseMount(line: string): CgroupMount | undefined {
  const [left, right] = line.split(' - ');
  const fields = left?.split(' ');
  const [type, , options] = right?.split(' ') ?? [];
  if (fields?.[4] === undefined || (type !== 'cgroup' && type !== 'cgroup2')) return undefined;
  return { root: fields[3] ?? '/', point: unescaped(fields[4]), type, options: (options ?? '').split(',') };
}

const unescaped = (path: string) =>
  path.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));

/** The path of this process in cgroup2 (`0::/user.slice/…`), below the mount's own root. */
function ownV2Path(procSelfCgroup: string, root: string): string {
  const path = /^0::(.*)$/m.exec(procSelfCgroup)?.[1] ?? '/';
  const below = root !== '/' && path.startsWith(root) ? path.slice(root.length) : path;
  // Seen from a namespace above its own group a path starts with `/..`: only the mount's root is ours then.
  return below.startsWith('/..') ? '' : below.replace(/\/+$/, '');
}

export function cgroupLayout(mountinfo: string, procSelfCgroup: string): CgroupLayout {
  const mounts = mountinfo
    .split('\n')
    .map(parseMount)
    .filter((mount) => mount !== undefined);
  const v2 = mounts.find((mount) => mount.type === 'cgroup2');
  const controllers = new Map<string, string>();
  for (const { type, point, options } of mounts)
    if (type === 'cgroup')
      for (const controller of ['memory', 'cpu', 'pids', 'freezer'])
        if (options.includes(controller)) controllers.set(controller, point);
  if (controllers.size > 0)
    return { version: 'v1', controllers, ...(v2 === undefined ? {} : { unified: v2.point }) };
  if (v2 === undefined) return { version: 'none' };
  const own = ownV2Path(procSelfCgroup, v2.root);
  return { version: 'v2', mount: v2.point, own: v2.point + own };
}

/** The groups in which a platform may look for a home on v2: its own and all above, nearest first. */
export function v2Candidates(mount: string, own: string): string[] {
  const candidates: string[] = [];
  for (let path = own; path.length > mount.length; path = path.slice(0, path.lastIndexOf('/')))
    candidates.push(path);
  return [...candidates, mount];
}
