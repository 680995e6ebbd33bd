// The same no-op for functions-framework.
exports.noop = (request, response) => response.json(request.body);
