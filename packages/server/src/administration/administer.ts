import { mendOf } from '../base/mendable.ts';
import {
  createUser,
  deleteUser,
  getUser,
  listUsers,
  setBlocked,
  whoIs,
  type AdministrationDeps,
} from './administer-users.ts';
import { done, failed, misused } from './answers.ts';
import type { Answer, Operation, OperationOf } from './operation.ts';

/** Adds to what was set before, as wskadmin does. */
async function setLimits(
  { auth }: AdministrationDeps,
  { namespace, limits }: OperationOf<'limits set'>,
): Promise<Answer> {
  if (Object.keys(limits).length === 0) return misused('No limit given');
  await auth.putLimits(namespace, { ...(await auth.getLimits(namespace)), ...limits });
  const said = `Limits successfully set for "${namespace}"`;
  if ((await auth.subjectsOf(namespace)).length > 0) return done(said);
  return done(
    said,
    `warning: nobody has a namespace "${namespace}" yet; its user is made with: vibrissa admin user create ${namespace}`,
  );
}

async function getLimits(
  { auth }: AdministrationDeps,
  { namespace }: OperationOf<'limits get'>,
): Promise<Answer> {
  const entries = Object.entries((await auth.getLimits(namespace)) ?? {});
  if (entries.length === 0) return done('No limits found, default system limits apply');
  return done(
    ...entries.map(([name, value]) => `${name} = ${Array.isArray(value) ? value.join(', ') : String(value)}`),
  );
}

async function deleteLimits(
  { auth }: AdministrationDeps,
  { namespace }: OperationOf<'limits delete'>,
): Promise<Answer> {
  if ((await auth.getLimits(namespace)) === undefined) {
    return failed(`No limits found for "${namespace}"`);
  }
  await auth.putLimits(namespace, undefined);
  return done('Limits deleted');
}

async function reloadKeys({ reloadKeys: reload }: AdministrationDeps): Promise<Answer> {
  try {
    const { resealed, unreadable } = await reload();
    if (unreadable > 0)
      return failed(`${resealed} secrets sealed anew; ${unreadable} could not be read and stay as they are`);
    return done(`${resealed} secrets sealed anew with the first master key; the others may be removed`);
  } catch (error) {
    const mendable = mendOf(error);
    if (!mendable) throw error;
    return failed(mendable.message, mendable.mend);
  }
}

/** Carries out one operation; texts and exit codes are wskadmin's. */
export function administer(deps: AdministrationDeps, operation: Operation): Promise<Answer> {
  switch (operation.operation) {
    case 'user create':
      return createUser(deps, operation);
    case 'user delete':
      return deleteUser(deps, operation);
    case 'user get':
      return getUser(deps, operation);
    case 'user whois':
      return whoIs(deps, operation);
    case 'user list':
      return listUsers(deps, operation);
    case 'user block':
      return setBlocked(deps, operation.subjects, true);
    case 'user unblock':
      return setBlocked(deps, operation.subjects, false);
    case 'limits set':
      return setLimits(deps, operation);
    case 'limits get':
      return getLimits(deps, operation);
    case 'limits delete':
      return deleteLimits(deps, operation);
    case 'keys reload':
      return reloadKeys(deps);
  }
}
