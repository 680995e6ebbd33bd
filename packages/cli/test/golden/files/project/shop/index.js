exports.main = () => ({ big: true });
