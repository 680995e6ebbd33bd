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

/** The same command for a process without a sandbox: inside paths become host paths. */
export function hostCommand(command: RuntimeCommand, runtimeDir: string): string[] {
  return command.argv.map((word) => {
    const bind = command.binds.find(({ inside }) => inside === word);
    if (bind !== undefined) return bind.host;
    return word.startsWith(`${runtimeDirectory}/`) ? runtimeDir + word.slice(runtimeDirectory.length) : word;
  });
}
