{{- define "agent.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end }}

{{- /* Rights of the cluster bear the namespace, too: a release of the same name may stand in another one. */ -}}
{{- define "agent.cluster" -}}
{{- printf "shugu-agent:%s:%s" .Release.Namespace (include "agent.name" .) -}}
{{- end }}

{{- define "agent.account" -}}
{{- .Values.serviceAccount.existing | default (include "agent.name" .) -}}
{{- end }}

{{- define "agent.selector" -}}
app.kubernetes.io/name: shugu-agent
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "agent.labels" -}}
{{ include "agent.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "agent.secret" -}}
{{- if .Values.token.existingSecret -}}
{{- .Values.token.existingSecret -}}
{{- else if .Values.token.value -}}
{{- include "agent.name" . -}}
{{- end -}}
{{- end }}

{{- /* The right to let no more pods onto a node, for an agent that has nodes switched off. */ -}}
{{- define "agent.switches" -}}
{{- if .Values.power.sleepProgram }}
  - apiGroups: [""]
    resources: [nodes]
    verbs: [get, patch]
{{- end }}
{{- end }}
