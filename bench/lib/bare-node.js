// Node and a channel to whoever started it: what a program has resident before it does anything.
import { serve } from './mesos-process.js';

serve({});
