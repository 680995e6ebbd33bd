/** How a runtime is started inside a sandbox; `discoverRuntimes` makes these. */
export interface RuntimeCommand {
  readonly kind: string;
  /** Program and arguments, by the paths that hold inside the sandbox. */
  readonly argv: readonly string[];
  /** Host files and directories that the program needs beside `/usr`, shown read-only. */
  readonly binds: readonly RuntimeBind[];
}

export interface RuntimeBind {
  readonly host: string;
  readonly inside: string;
}

/** Where the platform's own runtimes are inside a sandbox. */
export const runtimeDirectory = '/runtime';

/** The same command for a process without a sandbox: inside paths become those on the host. */
export function hostCommand(
  { argv, binds }: RuntimeCommand,
  template: { readonly path: string; hostPathOf(bind: RuntimeBind): string },
): string[] {
  return argv.map((word) => {
    const bind = binds.find(({ inside }) => inside === word);
    if (bind !== undefined) return template.hostPathOf(bind);
    return word.startsWith(`${runtimeDirectory}/`) ? template.path + word : word;
  });
}
