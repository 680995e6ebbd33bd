import { defaultSystemLimits } from '@vibrissa/protocol';
import { describe, expect, it } from 'vitest';

import { loadConfig } from '../config/load.ts';
import { systemLimitsOf } from './system-limits.ts';

describe("the system's limits", () => {
  it("are OpenWhisk's when nothing is configured", () => {
    const machine = { memoryMb: 4096, homeDirectory: '/root' };
    const { config } = loadConfig({ env: {}, flags: [], sets: [], machine });
    expect(systemLimitsOf(config)).toEqual(defaultSystemLimits);
  });
});
