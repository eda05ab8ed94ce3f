/** What the worker says, in the language of the person who is signed in. */

/** @param {string} message in English */
function _(message) {
  return worker.words[message]?.[0] ?? message;
}
