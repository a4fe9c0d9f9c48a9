{{- define "web.proxy" -}}
{{- .Values.proxyImage | default "docker.io/envoyproxy/envoy:v1.30.2" -}}
{{- end -}}
{{- define "web.cache" }}
- name: cache
  image: "redis:7.2.5"
{{- end }}
{{- define "web.version" -}}
{{- default "1.0.0" .Values.version -}}
{{- end -}}
