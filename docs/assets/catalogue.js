// Narrows the table of exercises down to what was chosen.
const form = document.getElementById("narrow");
if (form) {
  const rows = [...document.querySelectorAll("#catalogue tbody tr")];
  const narrow = () => {
    const wanted = Object.fromEntries(new FormData(form));
    let count = 0;
    for (const row of rows) {
      const fits = Object.entries(wanted).every(([name, value]) => {
        if (!value) return true;
        if (name === "text") return row.dataset.text.includes(value.toLowerCase());
        return row.dataset[name].split("|").includes(value);
      });
      row.hidden = !fits;
      count += fits;
    }
    form.elements.count.value = `${count} of ${rows.length}`;
  };
  const asked = new URLSearchParams(location.search);
  for (const [name, value] of asked) if (form.elements[name]) form.elements[name].value = value;
  form.addEventListener("input", narrow);
  form.addEventListener("submit", (event) => event.preventDefault());
  narrow();
}
