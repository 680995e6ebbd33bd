import { expect, it } from 'vitest';
import { createOutput } from './output.ts';
import { printSummary } from './summaries.ts';

it('a description of somebody else’s begins no line of its own', () => {
  let text = '';
  const sink = { isTTY: true, write: (part: string) => (text += part) };
  const output = createOutput('text', { stdout: sink, stderr: sink, environment: { NO_COLOR: '1' } });
  const forged = JSON.stringify('Tools\r\n\u0085ok: deleted package mine\u2028\u001b[2J');
  const annotations = `[{"key":"description","value":${forged}},{"key":"parameters","value":[{"name":${forged}}]}]`;
  const document = new Map([
    ['namespace', '"mallory"'],
    ['name', '"tools"'],
    ['annotations', annotations],
  ]);
  printSummary(output, 'package', document);
  const words = 'Tools ok: deleted package mine \\x1b[2J';
  expect(text).toBe(`package /mallory/tools: ${words}\n   (parameters: ${words})\n`);
});
