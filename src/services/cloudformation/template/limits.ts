/** Quotas of templates (CloudFormation User Guide, "Understand CloudFormation quotas"). */

export const BODY_BYTES = 51_200
export const RESOURCES = 500
export const PARAMETERS = 200
export const PARAMETER_VALUE_BYTES = 4096
export const MAPPINGS = 200
export const ATTRIBUTES_PER_MAPPING = 200
export const OUTPUTS = 200
export const DESCRIPTION_BYTES = 1024
export const NAME_LENGTH = 255

/** How deep values nest, by our own choice: policies nest ten deep. */
export const DEPTH = 100
/** How many characters the functions of one resource, condition or output may make, by our own choice. */
export const MADE_CHARACTERS = 1_048_576
