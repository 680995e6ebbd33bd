/** Takes its time: `{"ms":2000}` sleeps two seconds. Good for seeing time limits, non-blocking calls and queues. */
async function main({ ms = 1000 }) {
  const start = Date.now();
  await new Promise((resolve) => setTimeout(resolve, Number(ms)));
  return { sleptMs: Date.now() - start };
}

exports.main = main;
