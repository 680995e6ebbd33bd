import type { WireTaskStatus } from '../../wire/index.ts';
import { MesosError } from './mesos-error.ts';
import { theTask, told } from './wording.ts';

/** The agent could not fetch the image: it doesn't exist, or the registry refused it or is out of reach. */
export class ImagePullError extends MesosError {
  override readonly name = 'ImagePullError';
  readonly code = 'IMAGE_PULL_FAILED';
  readonly taskId: string;
  readonly status: WireTaskStatus;

  constructor(taskId: string, status: WireTaskStatus) {
    super(
      `The image of ${theTask(taskId)} could not be pulled${told(status)}. Check its name and tag, and that the agent may and can reach the registry; then submit it again.`,
    );
    this.taskId = taskId;
    this.status = status;
  }
}

/** The container could not be started: its command is missing, a port was taken, the user, a volume or an option is wrong. */
export class ContainerRunError extends MesosError {
  override readonly name = 'ContainerRunError';
  readonly code = 'CONTAINER_RUN_FAILED';
  readonly taskId: string;
  readonly status: WireTaskStatus;

  constructor(taskId: string, status: WireTaskStatus) {
    super(
      `The container of ${theTask(taskId)} could not be started${told(status)}. Its sandbox's stderr says more; check command, user, ports, volumes and parameters.`,
    );
    this.taskId = taskId;
    this.status = status;
  }
}
