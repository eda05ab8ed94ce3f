/** Today's question about reminders that stopped because nobody answered, in the server's words. */

/** A past day has no place for it; without a network it waits. */
export function ask() {
  const place = document.getElementById("stopped");
  if (!place) return;
  const request = new XMLHttpRequest();
  request.open("GET", "/reminders/stopped");
  // As a document: trusted types let no script turn text into one.
  request.responseType = "document";
  request.onload = () => {
    const asked = request.status === 200 ? request.response?.querySelectorAll(".notice") : null;
    if (asked) place.replaceChildren(...asked);
  };
  request.send();
}
