/** Greets: `{"name":"Ada"}` → `{"greeting":"Hello, Ada!"}`. */
function main({ name = 'stranger' }) {
  console.log(`greeting ${name}`);
  return { greeting: `Hello, ${name}!` };
}

exports.main = main;
