import type { FrameworkProblem } from '../shared/framework-problem.ts';

export function noMaster(reason: string): FrameworkProblem {
  return {
    code: 'NO_MASTER',
    message: `there is no subscription: ${reason}`,
    mend: 'Attempts go on. See that a Mesos master leads, and that the option masters names it.',
  };
}

export function refused(status: number, reason: string): FrameworkProblem {
  return {
    code: 'SUBSCRIPTION_REFUSED',
    message: `the master refuses the framework (HTTP status ${status}): ${reason}`,
    mend: "Mend the options framework and auth, or the master's roles and ACLs, and start the instances again.",
  };
}

export function removedFramework(frameworkId: string, reason: string): FrameworkProblem {
  return {
    code: 'FRAMEWORK_REMOVED',
    message: `Mesos has removed the framework ${frameworkId}, with its tasks: ${reason}`,
    mend: "Its id is dead, and nothing is launched under it. Start the instances with framework.onRemoved 'new-id' to go on under a new one; raise framework.failoverTimeoutMs to survive longer outages.",
  };
}

export function foreignTasks(ids: readonly string[]): FrameworkProblem {
  const some = ids.slice(0, 5).join(', ');
  return {
    code: 'FOREIGN_TASKS',
    message: `${ids.length} tasks run under this framework's id that bear no mark of this cluster (${some}${ids.length > 5 ? ', …' : ''})`,
    mend: 'They are left alone. Find out which program shares the framework id, and give it one of its own.',
  };
}

export function notShared(error: unknown): FrameworkProblem {
  return {
    code: 'NOT_SHARED',
    message: `what all instances share can't be read or written now: ${said(error)}`,
    mend: 'Attempts go on. See that most instances run and reach each other.',
  };
}

export function cannotLead(error: unknown): FrameworkProblem {
  return {
    code: 'CANNOT_LEAD',
    message: `this instance has the lease, and can't begin: ${said(error)}`,
    mend: 'Attempts go on. The message says what is in the way.',
  };
}

export function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
