import type { Operation } from '../administration/operation.ts';
import { runOperation, type Meant } from './admin-operation.ts';
import type { Command, CommandCall, CommandOption } from './command.ts';
import { configOptions } from './gather-config.ts';

const namespaceOption: CommandOption = {
  flags: '-n, --namespace <namespace>',
  description: "Namespace (`-ns` works too); the subject's own when absent.",
};

const subjectArgument = { name: 'subject', description: 'Who the keys belong to; at least 5 characters.' };

function meant(operation: Operation): Meant {
  return { ok: true, operation };
}

function text(call: CommandCall, index: number): string {
  return call.args[index] as string;
}

/** Options that were given, by the operation's names; absent ones stay absent. */
function given<T extends object>(options: { [K in keyof T]: unknown }): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

type Namespaced = { namespace?: string };

const create: Command = {
  name: 'create',
  summary: 'Creates a user, or another namespace of one, and prints the key.',
  args: [subjectArgument],
  options: [
    { flags: '-u, --auth <uuid:key>', description: 'The key to give; drawn at random when absent.' },
    namespaceOption,
    { flags: '-r, --revoke', description: 'Replaces the key of a namespace that exists.' },
    { flags: '-g, --genonly', description: 'Only draws a key and keeps nothing.' },
    { flags: '-s, --silent', description: 'Prints no key.' },
    ...configOptions,
  ],
  examples: ['vibrissa admin user create alice', 'vibrissa admin user create alice -n team --revoke'],
  run: (call) => {
    const { auth, namespace, revoke, genonly, silent } = call.options;
    const options = given<{ auth?: string; namespace?: string; revoke?: boolean; generateOnly?: boolean }>({
      auth,
      namespace,
      revoke,
      generateOnly: genonly,
    });
    const terminal = silent ? { ...call.terminal, out: () => {} } : call.terminal;
    return runOperation(
      { ...call, terminal },
      meant({ operation: 'user create', subject: text(call, 0), ...options }),
    );
  },
};

const remove: Command = {
  name: 'delete',
  summary: 'Deletes a user, or one namespace of one.',
  args: [subjectArgument],
  options: [namespaceOption, ...configOptions],
  run: (call) => {
    const options = given<Namespaced>({ namespace: call.options['namespace'] });
    return runOperation(call, meant({ operation: 'user delete', subject: text(call, 0), ...options }));
  },
};

const get: Command = {
  name: 'get',
  summary: "Prints a user's key.",
  args: [subjectArgument],
  options: [
    namespaceOption,
    { flags: '-a, --all', description: 'The keys of all its namespaces.' },
    ...configOptions,
  ],
  run: (call) => {
    const { namespace, all } = call.options;
    const options = given<{ namespace?: string; all?: boolean }>({ namespace, all });
    return runOperation(call, meant({ operation: 'user get', subject: text(call, 0), ...options }));
  },
};

const whois: Command = {
  name: 'whois',
  summary: 'Says whose key it is.',
  args: [{ name: 'uuid:key', description: 'The key.' }],
  options: configOptions,
  run: (call) => runOperation(call, meant({ operation: 'user whois', auth: text(call, 0) })),
};

const list: Command = {
  name: 'list',
  summary: 'Lists the keys of a namespace with their users.',
  args: [{ name: 'namespace', description: 'The namespace.' }],
  options: [
    { flags: '-p, --pick <count>', description: 'How many.', preset: '1' },
    { flags: '-a, --all', description: 'All of them.' },
    { flags: '-k, --key', description: 'Only the keys.' },
    ...configOptions,
  ],
  run: (call) => {
    const { pick, all, key } = call.options;
    const count = pick === undefined ? undefined : Number(pick);
    if (count !== undefined && !(Number.isInteger(count) && count > 0)) {
      return runOperation(call, {
        ok: false,
        what: `--pick takes a whole number from 1, not "${String(pick)}".`,
      });
    }
    const options = given<{ pick?: number; all?: boolean; keyOnly?: boolean }>({
      pick: count,
      all,
      keyOnly: key,
    });
    return runOperation(call, meant({ operation: 'user list', namespace: text(call, 0), ...options }));
  },
};

function blocking(name: 'block' | 'unblock', summary: string): Command {
  return {
    name,
    summary,
    args: [{ name: 'subject', description: 'The users.', variadic: true }],
    options: configOptions,
    run: (call) => {
      const subjects = [...(call.args[0] as readonly string[])];
      return runOperation(call, meant({ operation: `user ${name}`, subjects }));
    },
  };
}

/** `vibrissa admin user …` */
export const adminUser: Command = {
  name: 'user',
  summary: 'Users, their namespaces and keys.',
  commands: [
    create,
    get,
    remove,
    whois,
    list,
    blocking('block', 'Locks users out; their keys stop working at once.'),
    blocking('unblock', 'Lets users in again.'),
  ],
};
