/** Greets. */
exports.main = ({ name = 'you', place = 'here' }) => ({ greeting: `Hello ${name} from ${place}` });
