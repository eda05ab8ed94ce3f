/** Chooses the device's own time zone in the form, and says so instead of showing the whole list. */

const field = document.getElementById("zone-field");
const said = document.getElementById("zone-said");
const choice = /** @type {HTMLSelectElement | null} */ (document.getElementById("zone"));
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (field && said && choice && here && ["", here].includes(choice.value)) {
  if (![...choice.options].some((option) => option.value === here)) choice.add(new Option(here.replaceAll("_", " "), here));
  choice.value = here;
  sayOnly(field, said, choice.selectedOptions[0].text);
}

/**
 * @param {HTMLElement} field
 * @param {HTMLElement} said
 * @param {string} place
 */
function sayOnly(field, said, place) {
  const name = said.querySelector("strong");
  if (name) name.textContent = place;
  field.hidden = true;
  said.hidden = false;
  said.querySelector("button")?.addEventListener("click", () => {
    said.hidden = true;
    field.hidden = false;
    choice?.focus();
  });
}
