"""What stands on the papers of the two fictional cases: invented people, invented values."""

ANY = (
    "Specimen received in 10% formalin, labelled with name and number.",
    "Gross: greyish white soft tissue, together 1.2 x 0.4 x 0.3 cm.",
    "Microscopy: sections show cores of tissue with the changes named below.",
    "No lymphovascular invasion is seen in the sections examined.",
    "Margins cannot be assessed in this kind of specimen.",
    "Impression: as discussed with the treating doctor.",
    "Advice: clinical correlation and further tests as needed.",
)
HER = ("Patient Name: Sunita Devi", "Age / Sex: 45 Years / Female")
HIM = ("Patient Name: Arvind Sharma", "Age / Sex: 63 Years / Male")
PAPERS = {
    "biopsy.jpg": (
        "HISTOPATHOLOGY REPORT",
        *HER,
        "Reported on: 20/10/2026",
        "Specimen: core needle biopsy, left breast",
        "Diagnosis: Invasive ductal carcinoma, grade 2",
    ),
    "ihc.pdf": (
        "IMMUNOHISTOCHEMISTRY REPORT",
        *HER,
        "Reported on: 27/10/2026",
        "Estrogen Receptor (ER): Positive, 90%",
        "Progesterone Receptor (PR): Positive, 70%",
        "HER2/neu: Negative, score 1+",
        "Ki-67: 18%",
    ),
    "surgeon_note.jpg": (
        "SURGICAL ONCOLOGY CONSULTATION NOTE",
        *HER,
        "Date: 02/11/2026",
        "Lump in the left breast. Advised surgery and chemotherapy.",
    ),
    "mammogram.jpg": (
        "MAMMOGRAPHY REPORT",
        *HER,
        "Date: 12/10/2026",
        "Left breast: spiculated mass in the upper outer quadrant. BI-RADS 5.",
    ),
    "usg.jpg": (
        "ULTRASOUND OF BOTH BREASTS",
        *HER,
        "Date: 12/10/2026",
        "Left breast: irregular hypoechoic mass, 2.4 x 1.9 cm.",
    ),
    "blood.pdf": (
        "COMPLETE BLOOD COUNT",
        "Reported on: 10/11/2026",
        "Haemoglobin: 11.2 g/dL",
        "Platelet count: 2.4 lakh/cumm",
        "Serum Creatinine: 0.8 mg/dL",
    ),
    "prostate_biopsy.pdf": (
        "HISTOPATHOLOGY REPORT",
        *HIM,
        "Reported on: 18/09/2026",
        "Specimen: prostate, TRUS guided 12 core biopsy",
        "Diagnosis: Acinar adenocarcinoma of prostate",
        "Gleason score: 3 + 4 = 7",
    ),
    "psa_all.pdf": (
        "TUMOUR MARKERS",
        *HIM,
        "Reported on: 05/10/2026",
        "Total PSA: 8.4 ng/mL",
    ),
    "mri_prostate.pdf": (
        "MULTIPARAMETRIC MRI OF PROSTATE",
        *HIM,
        "Date: 02/09/2026",
        "PI-RADS 4 lesion in the left peripheral zone, 12 mm.",
    ),
    "urologist_note.pdf": (
        "UROLOGY CONSULTATION NOTE",
        *HIM,
        "Date: 12/10/2026",
        "PSA 9.1 ng/mL in August. Advised surgery or radiation.",
    ),
    "prescription.jpg": ("PRESCRIPTION", *HIM, "Date: 12/10/2026", "Tab. Tamsulosin 0.4 mg"),
}


def rows(name: str) -> tuple[str, ...]:
    """The lines of a paper, by its file's name; of any other the same ones."""
    return PAPERS.get(name, ANY)
