// The same no-op for workerd.
export default {
  async fetch(request) {
    return Response.json(await request.json());
  },
};
