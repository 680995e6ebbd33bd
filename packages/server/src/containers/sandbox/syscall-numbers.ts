/** The architectures that the filter knows, as Node names them. */
export type FilterArchitecture = 'x64' | 'arm64';

/**
 * System calls that no action needs and that reach for the machine: refused whatever their arguments.
 * Numbers: `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h` of Linux; -1 where the
 * architecture lacks the call. From 424 on the numbers are the same everywhere.
 */
const refusedCalls: readonly (readonly [name: string, x64: number, arm64: number])[] = [
  ['ptrace', 101, 117],
  ['syslog', 103, 116],
  ['uselib', 134, -1],
  ['ustat', 136, -1],
  ['sysfs', 139, -1],
  ['vhangup', 153, 58],
  ['modify_ldt', 154, -1],
  ['pivot_root', 155, 41],
  ['_sysctl', 156, -1],
  ['adjtimex', 159, 171],
  ['chroot', 161, 51],
  ['acct', 163, 89],
  ['settimeofday', 164, 170],
  ['mount', 165, 40],
  ['umount2', 166, 39],
  ['swapon', 167, 224],
  ['swapoff', 168, 225],
  ['reboot', 169, 142],
  ['sethostname', 170, 161],
  ['setdomainname', 171, 162],
  ['iopl', 172, -1],
  ['ioperm', 173, -1],
  ['create_module', 174, -1],
  ['init_module', 175, 105],
  ['delete_module', 176, 106],
  ['get_kernel_syms', 177, -1],
  ['query_module', 178, -1],
  ['quotactl', 179, 60],
  ['nfsservctl', 180, 42],
  ['lookup_dcookie', 212, 18],
  ['clock_settime', 227, 112],
  ['mbind', 237, 235],
  ['kexec_load', 246, 104],
  ['add_key', 248, 217],
  ['request_key', 249, 218],
  ['keyctl', 250, 219],
  ['migrate_pages', 256, 238],
  ['move_pages', 279, 239],
  ['perf_event_open', 298, 241],
  ['fanotify_init', 300, 262],
  ['name_to_handle_at', 303, 264],
  ['open_by_handle_at', 304, 265],
  ['clock_adjtime', 305, 266],
  ['setns', 308, 268],
  ['process_vm_readv', 310, 270],
  ['process_vm_writev', 311, 271],
  ['kcmp', 312, 272],
  ['finit_module', 313, 273],
  ['kexec_file_load', 320, 294],
  ['bpf', 321, 280],
  ['userfaultfd', 323, 282],
  ['io_uring_setup', 425, 425],
  ['io_uring_enter', 426, 426],
  ['io_uring_register', 427, 427],
  ['open_tree', 428, 428],
  ['move_mount', 429, 429],
  ['fsopen', 430, 430],
  ['fsconfig', 431, 431],
  ['fsmount', 432, 432],
  ['fspick', 433, 433],
  ['pidfd_getfd', 438, 438],
  ['process_madvise', 440, 440],
  ['mount_setattr', 442, 442],
  ['quotactl_fd', 443, 443],
  ['process_mrelease', 448, 448],
  ['set_mempolicy_home_node', 450, 450],
  ['statmount', 457, 457],
  ['listmount', 458, 458],
  ['open_tree_attr', 467, 467],
];

/** Calls that the filter judges by their arguments. */
export interface JudgedCalls {
  readonly clone: number;
  readonly clone3: number;
  readonly unshare: number;
  readonly ioctl: number;
  readonly socket: number;
  readonly socketpair: number;
  readonly personality: number;
  /** -1: the architecture has only `mknodat`. */
  readonly mknod: number;
  readonly mknodat: number;
}

export const judgedCalls: { readonly [A in FilterArchitecture]: JudgedCalls } = {
  x64: {
    clone: 56,
    clone3: 435,
    unshare: 272,
    ioctl: 16,
    socket: 41,
    socketpair: 53,
    personality: 135,
    mknod: 133,
    mknodat: 259,
  },
  arm64: {
    clone: 220,
    clone3: 435,
    unshare: 97,
    ioctl: 29,
    socket: 198,
    socketpair: 199,
    personality: 92,
    mknod: -1,
    mknodat: 33,
  },
};

/** The newest call of Linux 6.18; what comes later is unknown to us, and answered as a kernel without it would. */
export const newestKnownCall = 469;

/** Numbers of the calls that are always refused. */
export function refusedCallNumbers(architecture: FilterArchitecture): number[] {
  return refusedCalls
    .map(([, x64, arm64]) => (architecture === 'x64' ? x64 : arm64))
    .filter((number) => number >= 0);
}
