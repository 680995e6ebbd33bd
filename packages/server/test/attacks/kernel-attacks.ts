/** Attacks by system call: each returns what every attempt came to, `OK` where the kernel let it pass. */
export interface KernelAttack {
  readonly title: string;
  /** Python: defines `attack(args)`, which returns a list of results. */
  readonly source: string;
  /** Only where the architecture has it. */
  readonly only?: 'x64';
  /** Refused as invalid: a user that the namespace doesn't map, a flag that can't be taken back. */
  readonly invalid?: true;
}

const attempt = (title: string, ...calls: string[]): KernelAttack => ({
  title,
  source: `def attack(args):\n    return [${calls.join(', ')}]\n`,
});

export const kernelAttacks: readonly KernelAttack[] = [
  attempt(
    'mount a file system',
    "call(165, 40, b'none', b'/tmp', b'tmpfs', 0, None)",
    "call(165, 40, b'proc', b'/tmp', b'proc', 0, None)",
    "call(165, 40, b'cgroup', b'/tmp', b'cgroup', 0, b'memory')",
  ),
  attempt('bind a directory over another', "call(165, 40, b'/tmp', b'/etc', None, 4096, None)"),
  attempt('remount the root writable', "call(165, 40, None, b'/', None, 32 | 4096, None)"),
  attempt(
    'unmount what hides the host',
    "call(166, 39, b'/usr', 2)",
    "call(166, 39, b'/proc', 2)",
    "call(166, 39, b'/', 2)",
  ),
  attempt(
    'mount by the new interface',
    "call(430, 430, b'tmpfs', 0)",
    "call(428, 428, -100, b'/usr', 1)",
    "call(429, 429, -100, b'/tmp', -100, b'/etc', 0)",
    "call(433, 433, -100, b'/', 0)",
    "call(442, 442, -100, b'/', 0, ctypes.create_string_buffer(32), 32)",
  ),
  attempt('change the root', "call(155, 41, b'/tmp', b'/tmp')", "call(161, 51, b'/tmp')"),
  attempt(
    'make namespaces by unshare',
    ...[
      '0x10000000',
      '0x20000',
      '0x40000000',
      '0x20000000',
      '0x8000000',
      '0x4000000',
      '0x2000000',
      '0x80',
    ].map((flag) => `call(272, 97, ${flag})`),
  ),
  attempt(
    'make a user namespace by clone',
    'call(56, 220, 0x10000000 | 17, 0, 0, 0, 0)',
    'call(56, 220, 0x20000 | 17, 0, 0, 0, 0)',
  ),
  attempt(
    'make a user namespace by clone3',
    'call(435, 435, struct.pack("QQQQQQQQ", 0x10000000, 0, 0, 0, 17, 0, 0, 0), 64)',
  ),
  {
    title: 'enter a namespace by setns',
    source: `def attack(args):
    return [call(308, 268, os.open('/proc/1/ns/' + name, os.O_RDONLY), 0) for name in ('mnt', 'user', 'net', 'pid')]
`,
  },
  attempt(
    'trace a process',
    'call(101, 117, 0, 0, 0, 0)',
    'call(101, 117, 16, 1, 0, 0)',
    'call(101, 117, 0x4206, 1, 0, 0)',
  ),
  attempt(
    'read and write the memory of process 1',
    "call(310, 270, 1, struct.pack('QQ', 0, 0), 1, struct.pack('QQ', 4096, 8), 1, 0)",
    "call(311, 271, 1, struct.pack('QQ', 0, 0), 1, struct.pack('QQ', 4096, 8), 1, 0)",
  ),
  attempt(
    'compare and take descriptors of other processes',
    'call(312, 272, 1, 1, 0, 0, 0)',
    'call(438, 438, 0, 0, 0)',
  ),
  attempt(
    'load a BPF program',
    'call(321, 280, 0, ctypes.create_string_buffer(128), 128)',
    'call(321, 280, 5, ctypes.create_string_buffer(128), 128)',
  ),
  attempt(
    'use the kernel keyrings',
    "call(248, 217, b'user', b'k', b'v', 1, -3)",
    "call(249, 218, b'user', b'k', None, -3)",
    'call(250, 219, 0, -3, 1)',
  ),
  attempt(
    'make an io_uring',
    'call(425, 425, 8, ctypes.create_string_buffer(120))',
    'call(426, 426, 0, 1, 0, 0, 0, 0)',
    'call(427, 427, 0, 0, 0, 0)',
  ),
  attempt('make a userfaultfd', 'call(323, 282, 0)', 'call(323, 282, 1)'),
  attempt('open performance events', 'call(298, 241, ctypes.create_string_buffer(128), 0, -1, -1, 0)'),
  attempt('load another kernel', 'call(246, 104, 0, 0, None, 0)', "call(320, 294, -1, -1, 0, b'', 0)"),
  attempt(
    'load a kernel module',
    "call(175, 105, b'x', 1, b'')",
    "call(313, 273, 0, b'', 0)",
    "call(176, 106, b'tun', 0)",
  ),
  attempt(
    'set the clock',
    "call(227, 112, 0, struct.pack('qq', 1, 0))",
    "call(164, 170, struct.pack('qq', 1, 0), None)",
    'call(159, 171, ctypes.create_string_buffer(256))',
    'call(305, 266, 0, ctypes.create_string_buffer(256))',
  ),
  attempt('rename the host', "call(170, 161, b'owned', 5)", "call(171, 162, b'owned', 5)"),
  attempt(
    'reboot',
    'call(169, 142, 0xfee1dead, 672274793, 0x1234567, None)',
    'call(169, 142, 0xfee1dead, 672274793, 0x89ABCDEF, None)',
  ),
  attempt(
    'set quotas',
    "call(179, 60, 0x80000100, b'/dev/vda', 0, None)",
    'call(443, 443, 0, 0x80000100, 0, None)',
  ),
  attempt('turn swap on and off', "call(167, 224, b'/tmp/swap', 0)", "call(168, 225, b'/dev/vda')"),
  attempt('turn on process accounting', "call(163, 89, b'/tmp/acct')"),
  attempt(
    'read and clear the kernel log',
    'call(103, 116, 3, ctypes.create_string_buffer(100), 100)',
    'call(103, 116, 5, None, 0)',
  ),
  {
    ...attempt(
      'reach hardware ports',
      'call(172, -1, 3)',
      'call(173, -1, 0x378, 1, 1)',
      'call(154, -1, 1, ctypes.create_string_buffer(16), 16)',
    ),
    only: 'x64',
  },
  attempt(
    'turn address randomisation off',
    'call(135, 92, 0x0040000)',
    'call(135, 92, 0x0400000)',
    'call(135, 92, 0x0080000)',
  ),
  {
    title: 'type into a terminal',
    source: `import fcntl
def attack(args):
    master = os.open('/dev/pts/ptmx', os.O_RDWR | os.O_NOCTTY)
    return [tried(fcntl.ioctl, master, 0x5412, b'x'), tried(fcntl.ioctl, master, 0x541C, b'x'), tried(os.open, '/dev/console', os.O_WRONLY)]
`,
  },
  attempt(
    'open files by handle',
    "call(303, 264, -100, b'/usr', ctypes.create_string_buffer(136), ctypes.create_string_buffer(8), 0)",
    'call(304, 265, -100, ctypes.create_string_buffer(136), 0)',
  ),
  attempt('watch the file systems of the host', 'call(300, 262, 0, 0)'),
  {
    title: 'make device nodes',
    source: `import stat
def attack(args):
    return [tried(os.mknod, '/tmp/disk', stat.S_IFBLK | 0o666, os.makedev(254, 0)), tried(os.mknod, '/tmp/mem', stat.S_IFCHR | 0o666, os.makedev(1, 1))]
`,
  },
  {
    title: 'make 32-bit system calls',
    only: 'x64',
    source: `import mmap
def attack(args):
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    # mov eax, 26 (ptrace); xor ebx, ebx; int 0x80; ret, with rbx kept
    page.write(bytes.fromhex('53b81a00000031dbcd805bc3'))
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    result = ctypes.CFUNCTYPE(ctypes.c_int)(address)()
    return ['OK' if result >= 0 else errno.errorcode.get(-result, str(result))]
`,
  },
  {
    ...attempt(
      'make x32 system calls',
      'call(0x40000000 + 101, 0, 0, 0, 0, 0)',
      'call(0x40000000 + 521, 0, 0, 0, 0, 0)',
    ),
    only: 'x64',
  },
  attempt('make system calls that nobody knows yet', 'call(470, 470)', 'call(1000, 1000)'),
  {
    ...attempt(
      'become root',
      'call(105, 146, 0)',
      'call(106, 144, 0)',
      'call(117, 147, 0, 0, 0)',
      'call(116, 159, 1, struct.pack("I", 0))',
    ),
    invalid: true,
  },
  {
    title: 'take capabilities, or the flag back that forbids to gain any',
    invalid: true,
    source: `def attack(args):
    header = struct.pack('Ii', 0x20080522, 0)
    everything = struct.pack('IIIIII', *([0xffffffff] * 6))
    return [call(126, 91, header, everything), call(157, 167, 47, 2, 21, 0, 0), call(157, 167, 38, 0, 0, 0, 0)]
`,
  },
  attempt(
    'open unusual sockets',
    ...[
      ['17', '3', '768'],
      ['17', '2', '768'],
      ['16', '3', '12'],
      ['16', '3', '15'],
      ['16', '3', '9'],
      ['40', '1', '0'],
      ['38', '5', '0'],
      ['31', '3', '0'],
      ['29', '3', '1'],
      ['2', '3', '1'],
      ['2', '3', '255'],
      ['10', '3', '58'],
      ['2', '10', '768'],
      ['2', '1', '132'],
      ['44', '3', '0'],
    ].map((socket) => `call(41, 198, ${socket.join(', ')})`),
    'call(53, 199, 40, 1, 0, ctypes.create_string_buffer(8))',
  ),
  {
    title: 'change the network by netlink',
    source: `def attack(args):
    s = socket.socket(16, socket.SOCK_RAW, 0)
    # RTM_NEWADDR 10.9.9.9/8 on lo, RTM_NEWLINK lo down: the kernel answers NLMSG_ERROR with -EPERM
    results = []
    for message in (struct.pack('=IHHII', 24 + 8, 20, 5, 1, 0) + struct.pack('=BBBBI', 2, 8, 0, 0, 1) + struct.pack('=HH4B', 8, 2, 10, 9, 9, 9),
                    struct.pack('=IHHII', 32, 16, 5, 2, 0) + struct.pack('=BxHiII', 0, 0, 1, 0, 1)):
        s.send(message)
        code = struct.unpack_from('=i', s.recv(4096), 16)[0]
        results.append('OK' if code == 0 else errno.errorcode.get(-code, str(code)))
    return results
`,
  },
  {
    title: 'run faster than others',
    source: `def attack(args):
    return [tried(os.setpriority, os.PRIO_PROCESS, 0, -20), tried(os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(50)),
            tried(os.sched_setscheduler, 0, os.SCHED_RR, os.sched_param(1)), call(251, 30, 1, 0, (1 << 13) | 0)]
`,
  },
  {
    title: 'raise its own limits',
    source: `def attack(args):
    def raising(what, value):
        try:
            resource.setrlimit(what, (value, value))
            return 'OK'
        except (ValueError, OSError) as e:
            return 'EPERM'
    return [raising(resource.RLIMIT_NOFILE, 4096), raising(resource.RLIMIT_CORE, 1 << 20), raising(resource.RLIMIT_NICE, 40), raising(resource.RLIMIT_RTPRIO, 99)]
`,
  },
];
