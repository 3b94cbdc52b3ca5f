/** English strings of shell. */
export const shelling = {
  shell: {
    title: "Shell",
    notYours: "Take this phone to open a shell on it.",
    notReady: "A shell opens when the phone is ready.",
    fence:
      "While a shell is open, apps on this phone that are neither yours, nor permitted, nor part of the system are disabled.",
    begin: "Open a shell",
    agree: "Disable them and open a shell",
    keys: "What you type then goes to the shell, not to the phone’s screen.",
    open: "Shell on {{name}}",
    close: "End",
    again: "Open again",
    closed: "Ended.",
    exited: "Ended with exit code {{code}}.",
    left: "{{bytes, number}} bytes came too fast and are not shown",
    stalled: "The shell stands still: {{reason}}",
  },
} as const;
