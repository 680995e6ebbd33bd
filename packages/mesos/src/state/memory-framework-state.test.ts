import { describe } from 'vitest';

import { frameworkStateContract } from './framework-state.contract.ts';
import { MemoryFrameworkState } from './memory-framework-state.ts';

describe('a state in memory', () => {
  frameworkStateContract(async () => ({ state: new MemoryFrameworkState() }), { survivesClose: false });
});
