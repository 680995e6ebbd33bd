/** What Bob deploys one bad evening: it looks for a van for ever. */
function main({ order }) {
  console.log(`looking for a van for order ${order.id}`);
  let van;
  while (van === undefined) van = ['van 1', 'van 2'].find((each) => each === 'free');
  return { order: order.id, van };
}

exports.main = main;
