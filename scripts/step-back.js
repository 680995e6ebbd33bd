// Before tests that compute all the time: they take what others leave of the processors, so that tests which wait for
// processes and timers find these as on an idle machine.
import { constants, setPriority } from 'node:os';

setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
