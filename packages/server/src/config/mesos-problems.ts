import type { ConfigProblem } from './config-error.ts';
import type { Config } from './schema.ts';

/** Why Mesos takes no role of that name; the end of a sentence. */
function roleProblem(role: string): string | undefined {
  if (role === '*') return undefined;
  if (role === '') return 'is empty';
  if (/[\s\u0008\u007f\\]/u.test(role)) return 'has white space, a control character or a backslash';
  const parts = role.split('/');
  if (parts.includes('')) return "begins, ends or doubles '/', which stands between a role and one below it";
  const reserved = parts.find((part) => part === '.' || part === '..' || part === '*');
  if (reserved !== undefined) return `has '${reserved}' where a name belongs`;
  return parts.some((part) => part.startsWith('-')) ? "has a '-' where a name begins" : undefined;
}

function* problemsOf({ mesos }: Config): Generator<ConfigProblem> {
  const { frameworkName, network, networkIsRoutable, principal, role, secretFile, user } = mesos;
  if (networkIsRoutable && (network === 'bridge' || network === 'host')) {
    yield {
      message: `mesos.networkIsRoutable is for a network with a name, and mesos.network is ${network}.`,
      mend: 'Name the network with mesos.network, or leave mesos.networkIsRoutable out.',
    };
  }
  if ((principal === undefined) !== (secretFile === undefined)) {
    const missing = principal === undefined ? 'mesos.principal' : 'mesos.secretFile';
    yield {
      message: `A framework that authenticates has a principal and a secret; ${missing} is missing.`,
      mend: 'Set both mesos.principal and mesos.secretFile, or neither.',
    };
  }
  const why = roleProblem(role);
  if (why !== undefined) {
    yield {
      message: `mesos.role is ${JSON.stringify(role)}, which ${why}: Mesos takes no such role.`,
      mend: 'Name a role, such as web or web/functions, or leave mesos.role out for the default role.',
    };
  }
  const texts = { frameworkName, user, principal } as const;
  for (const [name, value] of Object.entries(texts)) {
    if (value === undefined || value.trim() !== '') continue;
    yield { message: `mesos.${name} is empty.`, mend: `Give it a value, or leave mesos.${name} out.` };
  }
}

/** Settings of Mesos that it would refuse, or that contradict each other. */
export function mesosProblems(config: Config): readonly ConfigProblem[] {
  return [...problemsOf(config)];
}
