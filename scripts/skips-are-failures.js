// A vitest reporter for CI: a test that was skipped there is a service or a right that CI should have had.
export default class SkipsAreFailures {
  onTestRunEnd(modules) {
    const skipped = [];
    for (const module of modules) {
      for (const test of module.children.allTests('skipped'))
        skipped.push(`${module.relativeModuleId} > ${test.fullName}`);
    }
    if (skipped.length === 0) return;
    console.error(
      `\n${skipped.length} tests were skipped, and on CI none may be:\n${skipped.map((name) => `  ${name}`).join('\n')}`,
    );
    process.exitCode = 1;
  }
}
