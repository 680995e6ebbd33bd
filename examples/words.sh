#!/bin/bash
# Counts words: {"text":"to be or not"} → {"words":4}. Any executable is an action: it gets its arguments as JSON on
# standard input and as $1; its last line is its result, the lines before it are logs.
text=$(sed -nE 's/.*"text" *: *"(([^"\\]|\\.)*)".*/\1/p')
echo "counting in an activation of $__OW_ACTION_NAME"
echo "{\"words\":$(wc -w <<<"$text")}"
