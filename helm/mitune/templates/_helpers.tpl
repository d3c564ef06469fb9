{{- define "mitune.name" -}}
{{- if contains "mitune" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-mitune" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "mitune.selector" -}}
app.kubernetes.io/name: mitune
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end }}

{{- define "mitune.labels" -}}
{{ include "mitune.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "mitune.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag }}
{{- end }}

{{- define "mitune.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "mitune.name" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{/* Of the pod of every role. */}}
{{- define "mitune.pod" -}}
serviceAccountName: {{ include "mitune.serviceAccount" .root }}
automountServiceAccountToken: false
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "mitune.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- define "mitune.env" -}}
- {name: MITUNE_BOOTSTRAP_SERVER, value: {{ required "kafka.bootstrapServers is required" .Values.kafka.bootstrapServers | quote }}}
- {name: MITUNE_SCHEMA_REGISTRY_URL, value: {{ required "schemaRegistry.url is required" .Values.schemaRegistry.url | quote }}}
- {name: MITUNE_TOPIC_PREFIX, value: {{ .Values.kafka.topicPrefix | quote }}}
- {name: MITUNE_BLOBS, value: {{ required "blobs.root is required" .Values.blobs.root | quote }}}
- {name: AWS_REGION, value: {{ .Values.blobs.region | quote }}}
{{- with .Values.blobs.endpoint }}
- {name: AWS_ENDPOINT_URL_S3, value: {{ . | quote }}}
{{- end }}
- {name: MITUNE_METRICS_HOST, value: 0.0.0.0}
- {name: MITUNE_METRICS_PORT, value: {{ .Values.metrics.port | quote }}}
- {name: MITUNE_METRICS_TOKEN_FILE, value: /run/secrets/metrics/token}
{{- end }}

{{- define "mitune.envFrom" -}}
{{- with .Values.blobs.credentialsSecret }}
envFrom:
  - secretRef: {name: {{ . }}}
{{- end }}
{{- end }}

{{- define "mitune.kafkaArgs" -}}
{{- if .Values.kafka.clientSecret }}
- --kafka-config
- /run/secrets/kafka/client.properties
{{- end }}
{{- end }}

{{- define "mitune.mounts" -}}
- {name: tmp, mountPath: /tmp}
- {name: metrics-token, mountPath: /run/secrets/metrics, readOnly: true}
{{- if .Values.kafka.clientSecret }}
- {name: kafka-client, mountPath: /run/secrets/kafka, readOnly: true}
{{- end }}
{{- if .Values.blobs.existingClaim }}
- {name: blobs, mountPath: /blobs}
{{- end }}
{{- end }}

{{- define "mitune.volumes" -}}
- {name: tmp, emptyDir: {}}
- name: metrics-token
  secret: {secretName: {{ required "metrics.tokenSecret is required" .Values.metrics.tokenSecret }}}
{{- with .Values.kafka.clientSecret }}
- name: kafka-client
  secret: {secretName: {{ . }}}
{{- end }}
{{- with .Values.blobs.existingClaim }}
- name: blobs
  persistentVolumeClaim: {claimName: {{ . }}}
{{- end }}
{{- end }}

{{- define "mitune.modelMount" -}}
- name: model
  mountPath: /model
  readOnly: true
{{- if and .Values.model.existingClaim .Values.model.path }}
  subPath: {{ .Values.model.path }}
{{- end }}
{{- end }}

{{- define "mitune.modelVolume" -}}
- name: model
{{- if .Values.model.existingClaim }}
  persistentVolumeClaim: {claimName: {{ .Values.model.existingClaim }}, readOnly: true}
{{- else }}
  emptyDir: {sizeLimit: {{ .Values.model.size }}}
{{- end }}
{{- end }}

{{- define "mitune.modelFetch" -}}
{{- if not .Values.model.existingClaim }}
initContainers:
  - name: fetch-model
    image: {{ .Values.model.fetchImage }}
    {{- include "mitune.containerSecurity" . | nindent 4 }}
    env:
      - {name: URL, value: {{ required "model.existingClaim or model.url is required" .Values.model.url | quote }}}
      - {name: SHA256, value: {{ required "model.sha256 is required with model.url" .Values.model.sha256 | quote }}}
    command:
      - /bin/sh
      - -ec
      - |
        curl -fsSL --retry 5 -o /model/model.tar "$URL"
        echo "$SHA256  /model/model.tar" | sha256sum -c -
        tar -xf /model/model.tar -C /model
        rm /model/model.tar
    volumeMounts:
      - {name: model, mountPath: /model}
{{- end }}
{{- end }}

{{- define "mitune.ports" -}}
- {name: metrics, containerPort: {{ .Values.metrics.port }}}
{{- end }}

{{- define "mitune.probes" -}}
{{- if .Values.probes.enabled }}
startupProbe:
  httpGet: {path: /healthz, port: metrics}
  periodSeconds: 10
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /healthz, port: metrics}
  periodSeconds: 15
  timeoutSeconds: 5
  failureThreshold: 4
readinessProbe:
  httpGet: {path: /readyz, port: metrics}
  periodSeconds: 15
  timeoutSeconds: 5
{{- end }}
{{- end }}

{{- define "mitune.placement" -}}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Those of a role and its GPUs, whichever of both it has. */}}
{{- define "mitune.gpuResources" -}}
{{- $gpus := dict }}
{{- if .gpus }}{{ $gpus = dict "limits" (dict "nvidia.com/gpu" .gpus) }}{{ end }}
resources: {{- toYaml (merge $gpus (.resources | default dict)) | nindent 2 }}
{{- end }}

{{/* Further words of a command; a number is a word, too. */}}
{{- define "mitune.args" -}}
{{- range .args }}
- {{ kindIs "string" . | ternary . (toJson .) | quote }}
{{- end }}
{{- end }}
