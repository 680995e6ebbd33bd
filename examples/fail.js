/**
 * The ways to fail, by `{"how":…}`:
 * `answer` says in the result what is wrong, `reject` rejects its promise (both are application errors, the container
 * stays), `throw` and `exit` break (developer errors, the container goes).
 */
function main({ how = 'answer' }) {
  console.error(`about to fail: ${how}`);
  if (how === 'throw') throw new Error('thrown by the example');
  if (how === 'exit') process.exit(1);
  if (how === 'reject') return Promise.reject(new Error('rejected by the example'));
  return { error: 'told by the example' };
}

exports.main = main;
