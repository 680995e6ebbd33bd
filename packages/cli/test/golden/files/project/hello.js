function main(args) {
  return { greeting: `Hello ${args.name} from ${args.place}` };
}
