package tools

const example = `
FROM golang:1.20
COPY --from=alpine:3.18 /a /b
`
