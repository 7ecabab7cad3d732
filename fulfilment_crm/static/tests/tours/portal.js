import { registry } from "@web/core/registry";

const FIRST = ".o_fulfilment_portal .list-group-item:has(form.o_fulfilment_accept):first";

registry.category("web_tour.tours").add("fulfilment_portal", {
    url: "/my",
    steps: () => [
        {
            content: "something waits for a signature",
            trigger: ".o_portal_index_card a[href*='/my/fulfilment/contracts?filterby=sign']",
        },
        {
            content: "open the contracts",
            trigger: ".o_portal_index_card a[href$='/my/fulfilment/contracts']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "open the contract to sign",
            trigger: ".o_portal_my_doc_table tr:has(.badge.text-bg-primary) a[href*='/my/fulfilment/contracts/']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the wording is open to be read",
            trigger: ".o_fulfilment_portal details[open]:contains('Damages and termination.')",
        },
        {
            content: "acceptance has to wait for the signature",
            trigger: ".o_fulfilment_portal:not(:has(form.o_fulfilment_accept))",
        },
        {
            content: "read and sign",
            trigger: "button.o_fulfilment_sign",
            run: "click",
        },
        {
            content: "without a name there is nothing to send",
            trigger: ".modal .o_web_sign_name_and_signature input[name='signer']",
            run: "clear",
        },
        {
            trigger: ".modal .o_portal_sign_submit:disabled",
        },
        {
            content: "write the name",
            trigger: ".modal .o_web_sign_name_and_signature input[name='signer']",
            run: "fill Lin Wei",
        },
        {
            content: "the signature is drawn from the name",
            trigger: ".modal canvas.o_web_sign_signature",
            run: "canvasNotEmpty",
        },
        {
            content: "sign",
            trigger: ".modal .o_portal_sign_submit:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "it is signed",
            trigger: ".o_fulfilment_portal .alert-success",
        },
        {
            content: "the signed contract can be downloaded, and not be signed again",
            trigger: ".o_fulfilment_portal:not(:has(.o_fulfilment_sign)) a[href*='report_type=signed']",
        },
        {
            content: "the page is no wider than the screen",
            trigger: ".o_fulfilment_portal",
            run() {
                const { scrollWidth, clientWidth } = document.documentElement;
                if (scrollWidth > clientWidth) {
                    throw new Error(`${scrollWidth} px of page on ${clientWidth} px of screen`);
                }
            },
        },
        {
            content: "what is not delivered yet cannot be accepted",
            trigger: ".o_fulfilment_portal .list-group-item:contains('Acceptance of lot 2'):not(:has(form.o_fulfilment_accept))",
        },
    ],
});

registry.category("web_tour.tours").add("fulfilment_portal_answer", {
    steps: () => [
        {
            content: "accepting begins with what follows from it",
            trigger: `${FIRST} button.o_fulfilment_accept_open`,
            run: "click",
        },
        {
            trigger: ".o_fulfilment_accept.show:not(.collapsing)",
        },
        {
            content: "say where it was accepted",
            trigger: `${FIRST} input[name='place']`,
            run: "edit Ningbo",
        },
        {
            content: "say how it was examined",
            trigger: `${FIRST} input[name='method']`,
            run: "edit Trial run",
        },
        {
            content: "confirm that it was examined",
            trigger: `${FIRST} input[name='examined']`,
            run: "check",
        },
        {
            content: "accept",
            trigger: `${FIRST} form.o_fulfilment_accept button[type='submit']`,
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the acceptance is on record",
            trigger: ".o_fulfilment_portal:has(> .alert-success) .list-group-item .badge.text-bg-success",
        },
        {
            content: "the other acceptance is refused",
            trigger: `${FIRST} button[data-bs-target^='#refuse_']`,
            run: "click",
        },
        {
            content: "say what is wrong",
            trigger: ".o_fulfilment_refuse.show:not(.collapsing) textarea[name='reason']",
            run: "edit Two pumps leak",
        },
        {
            content: "refuse",
            trigger: ".o_fulfilment_refuse.show button[type='submit']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the refusal is on record",
            trigger: ".o_fulfilment_portal > .alert-warning",
        },
    ],
});
