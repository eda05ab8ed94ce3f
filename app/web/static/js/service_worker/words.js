/** What the worker says, in the language of the person who is signed in. */

let language = "en";

/** Before anything is said: another language may have been chosen since. */
async function chooseLanguage() {
  language = await languageHere();
}

/** @param {string} message in English */
function _(message) {
  return worker.words[language]?.[message]?.[0] ?? message;
}
